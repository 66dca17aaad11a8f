/** Every decimal with so many digits is a double of its own, in the same order: comparing the doubles is exact. */
const DIGITS_OF_DOUBLE = 15;
/** Doubles reach further by a little, where they begin to lose digits. */
const EXPONENT_OF_DOUBLE = 300;
const NUMBER_FORM = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * A decimal number of any size: ± 0.`digits` × 10^`exponent`, with no zero at either end of the digits; of 0 there are
 * none. A class, so that no object of somebody's JSON is taken for one.
 */
export class Decimal {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly exponent: number;

  constructor(isNegative: boolean, digits: string, exponent: number) {
    this.isNegative = isNegative;
    this.digits = digits;
    this.exponent = exponent;
  }

  /** The same for equal numbers only. */
  get key(): string {
    return `${this.isNegative ? '-' : ''}${this.digits}e${this.exponent}`;
  }
}

/**
 * Reads a number as JSON writes it, without rounding: as a double where that is exact, else as a {@link Decimal}; so two
 * that are equal are of the same kind. Undefined for any other text. Exponents beyond 2^53 are rounded: such numbers
 * compare rightly with any that are not.
 */
export function readNumber(text: string): number | Decimal | undefined {
  const decimal = readDecimal(text);
  if (decimal === undefined) return undefined;
  const { digits, exponent } = decimal;
  if (digits === '') return 0;
  const double = Number(text);
  const isShort = digits.length <= DIGITS_OF_DOUBLE && Math.abs(exponent) <= EXPONENT_OF_DOUBLE;
  const isInteger = digits.length <= exponent;
  return isShort || (isInteger && Number.isSafeInteger(double)) ? double : decimal;
}

/** Whether a double is all that can have been meant by it: none of its digits comes from rounding. */
export function isExactDouble(value: number): boolean {
  return typeof readNumber(String(value)) === 'number';
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareNumbers(a: number | Decimal, b: number | Decimal): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [decimalOf(a), decimalOf(b)];
  const signs = signOf(left) - signOf(right);
  if (signs !== 0) return signs;
  return left.isNegative ? compareSizes(right, left) : compareSizes(left, right);
}

function compareSizes(a: Decimal, b: Decimal): number {
  if (a.exponent !== b.exponent) return a.exponent < b.exponent ? -1 : 1;
  // Digits behind the point: what begins alike and is shorter is less, as with words.
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -1 : 1;
}

function readDecimal(text: string): Decimal | undefined {
  const [, sign, whole, fraction = '', power = '0'] = NUMBER_FORM.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const all = whole + fraction;
  // By hand: to a regular expression that looks for the zeros at the end, many zeros in the middle are quadratic work.
  let start = 0;
  while (all[start] === '0') start += 1;
  let end = all.length;
  while (end > start && all[end - 1] === '0') end -= 1;
  const digits = all.slice(start, end);
  if (digits === '') return new Decimal(false, '', 0);
  return new Decimal(sign === '-', digits, whole.length - start + Number(power));
}

function decimalOf(value: number | Decimal): Decimal {
  return value instanceof Decimal ? value : (readDecimal(String(value)) ?? new Decimal(false, '', 0));
}

function signOf({ isNegative, digits }: Decimal): number {
  if (digits === '') return 0;
  return isNegative ? -1 : 1;
}
