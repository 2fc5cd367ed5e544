/** Addresses of IPv4, numbers of 32 bits, as they are written. */
export const dotted = (ip: number): string => [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');
