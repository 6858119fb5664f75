// crc32_combine of zlib: the checksum of A followed by B, from those of A and B and the length of B, without their bytes.
// A CRC is linear over GF(2): appending a zero bit is a 32×32 matrix, appending 2^n of them that matrix squared n times.

const POLYNOMIAL = 0xedb88320;

type Matrix = readonly number[];

function times(matrix: Matrix, vector: number): number {
  let sum = 0;
  for (let row = 0, rest = vector >>> 0; rest !== 0; row++, rest >>>= 1) if (rest & 1) sum ^= matrix[row]!;
  return sum >>> 0;
}

function square(matrix: Matrix): Matrix {
  return matrix.map((row) => times(matrix, row));
}

const ONE_BIT: Matrix = [POLYNOMIAL, ...Array.from({length: 31}, (_, bit) => 2 ** bit)];
const ONE_BYTE = square(square(square(ONE_BIT)));

/** @param length bytes that `next` was made of; any safe integer */
export function combineCrc(sum: number, next: number, length: number): number {
  let shifted = sum >>> 0;
  let matrix = ONE_BYTE;
  for (let left = length; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) shifted = times(matrix, shifted);
    matrix = square(matrix);
  }
  return (shifted ^ next) >>> 0;
}
