import { describeTunnel } from '../../../../test/compliance/tunnel.ts';
import { connectTls } from '../../../../test/support/tunnel-ends.ts';

describeTunnel('TLS', connectTls);
