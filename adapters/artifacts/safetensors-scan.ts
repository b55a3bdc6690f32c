/** The most that a header's structure may hold: the object, a tensor's object, its array. */
const maxDepth = 3;

const quote = 0x22;
const backslash = 0x5c;

export type HeaderScan =
  | { readonly kind: 'plain'; readonly keys: number }
  | { readonly kind: 'too_deep' }
  | { readonly kind: 'not_integers' }
  | { readonly kind: 'too_many_keys' };

/**
 * One pass over a header's bytes before `JSON.parse` may see them. It bounds what the parser will build (depth, number
 * of keys), and it counts the keys as written: `JSON.parse` keeps the last of equal keys without a word, so that more
 * keys in the text than in its result mean duplicates. Number signs other than digits are refused, because `1e2` and
 * `-0` read as integers here and as errors elsewhere.
 */
export function scanHeader(json: Uint8Array, maxKeys: number): HeaderScan {
  let depth = 0;
  let keys = 0;
  for (let at = 0; at < json.length; at += 1) {
    switch (json[at]) {
      case quote:
        at += 1;
        while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth += 1;
        if (depth > maxDepth) return { kind: 'too_deep' };
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1;
        break;
      case 0x3a: // :
        keys += 1;
        if (keys > maxKeys) return { kind: 'too_many_keys' };
        break;
      case 0x2b: // +
      case 0x2d: // -
      case 0x2e: // .
      case 0x45: // E
      case 0x65: // e, which also ends true and false: a header holds neither
        return { kind: 'not_integers' };
      default:
    }
  }
  return { kind: 'plain', keys };
}
