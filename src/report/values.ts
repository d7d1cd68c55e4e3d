/** jq puts what it stumbles over into its messages: values of Wiz's objects, where these may not be shown. */

/** How jq quotes values, in 1.6 to 1.8, and what is left of them. All are greedy: rather too much is taken than too little. */
const QUOTED: readonly (readonly [RegExp, string])[] = [
  [/\b(null|boolean|number|string|array|object) \((?:.*\)|.*$)/s, '$1 (…)'],
  [/\(while parsing '(?:.*'\)|.*$)/s, '(while parsing …)'],
  [/\b(Cannot index \w+ with) ".*"/s, '$1 "…"'],
  [/\bdate ".*" does not match/s, 'date "…" does not match'],
  [/^.* is not a valid modifier string/s, '… is not a valid modifier string'],
  [/^.* \(at offset \d+\) is not a valid regex.*$/s, '… is not a valid regex'],
]

/** A message without the values that it quotes. What a mapping says itself, by jq's `error`, stays. */
export function withoutValues(message: string): string {
  return QUOTED.reduce((text, [pattern, left]) => text.replace(pattern, left), message)
}
