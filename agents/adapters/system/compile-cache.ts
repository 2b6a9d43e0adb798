import { getCompileCacheDir } from 'node:module';
import { setFlagsFromString } from 'node:v8';

/**
 * For programs that are over in a moment. Node's compile cache keeps what V8 compiles when a module is loaded, and not
 * what it compiles when a function is first called: that is done again in every process. From now on modules are
 * compiled as a whole when they are loaded.
 */
export function compileWhole(): void {
  if (getCompileCacheDir()) setFlagsFromString('--no-lazy');
}
