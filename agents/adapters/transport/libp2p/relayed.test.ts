import { describeTransport } from '../../../../test/compliance/transport.ts';
import { stopSharedGateway, viaGateway } from '../../../../test/support/transport-gateway.ts';

afterAll(() => stopSharedGateway());

describeTransport('libp2p through a gateway', viaGateway);
