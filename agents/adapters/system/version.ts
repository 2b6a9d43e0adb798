import manifest from '../../../package.json' with { type: 'json' };

/** Version of this program; peers are told it. */
export const VERSION: string = manifest.version;
