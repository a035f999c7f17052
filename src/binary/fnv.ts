// FNV-1a, 32 bits: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv. Each byte: hash = imul(hash ^ byte, prime).
export const seed = 0x811c9dc5 | 0;
export const prime = 0x01000193;
