/** A Kubernetes quantity: `500m`, `0.5`, `256Mi`, `1G`, `1e9`. `M` is decimal, `Mi` binary, `m` a thousandth. */
export type Quantity = string;

const SYNTAX = /^(\d+(?:\.\d*)?|\.\d+)(?:([eE][+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i))?$/;

const NANO = 1_000_000_000n;
const DECIMAL: Record<string, bigint> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  k: NANO * 10n ** 3n,
  M: NANO * 10n ** 6n,
  G: NANO * 10n ** 9n,
  T: NANO * 10n ** 12n,
  P: NANO * 10n ** 15n,
  E: NANO * 10n ** 18n,
};
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * The quantity in billionths, exactly; rounded up below that, as Kubernetes does.
 * @throws RangeError when the text is not a quantity that is zero or more.
 */
export function parseQuantity(text: Quantity): bigint {
  const match = SYNTAX.exec(text);
  if (!match)
    throw new RangeError(
      `"${clip(text)}" is not a quantity; write a number with a unit, such as 500m, 2, 256Mi or 1G`,
    );
  const [, digits = '', exponent, suffix = ''] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  const scale = exponent ? tenTo(Number(exponent.slice(1)), NANO) : unit(suffix);
  return divideUp(
    BigInt(whole + fraction || '0') * scale.numerator,
    scale.denominator * 10n ** BigInt(fraction.length),
  );
}

/** CPU in billionths of a core: what Docker calls NanoCpus. @throws RangeError */
export function toNanoCPUs(text: Quantity): number {
  return toSafeNumber(parseQuantity(text), text);
}

/** Memory in bytes. @throws RangeError */
export function toBytes(text: Quantity): number {
  return toSafeNumber(divideUp(parseQuantity(text), NANO), text);
}

/** Shortest usual spelling of billionths of a core: `2`, `500m`. */
export function formatCPU(nano: number): Quantity {
  if (nano % 1e9 === 0) return String(nano / 1e9);
  return nano % 1e6 === 0 ? `${nano / 1e6}m` : `${nano}n`;
}

/** Shortest exact spelling of a number of bytes: `256Mi`, `1000`. */
export function formatBytes(bytes: number): Quantity {
  if (bytes === 0) return '0';
  const power = BINARY.findLastIndex((_, index) => bytes % 1024 ** (index + 1) === 0);
  return power < 0 ? String(bytes) : `${bytes / 1024 ** (power + 1)}${BINARY[power]}`;
}

interface Scale {
  numerator: bigint;
  denominator: bigint;
}

function unit(suffix: string): Scale {
  if (suffix === '') return { numerator: NANO, denominator: 1n };
  const power = BINARY.indexOf(suffix);
  return {
    numerator: power < 0 ? (DECIMAL[suffix] ?? 0n) : NANO * 1024n ** BigInt(power + 1),
    denominator: 1n,
  };
}

function tenTo(exponent: number, base: bigint): Scale {
  return exponent < 0
    ? { numerator: base, denominator: 10n ** BigInt(-exponent) }
    : { numerator: base * 10n ** BigInt(exponent), denominator: 1n };
}

function divideUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** Beyond 2^53 a JavaScript number, and so JSON, would change the value silently. */
function toSafeNumber(value: bigint, text: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new RangeError(`"${clip(text)}" is too large: at most 2^53 - 1 base units`);
  return Number(value);
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
