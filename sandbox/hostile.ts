/** Texts that act where somebody forgets that they are data. */
export const HOSTILE: readonly string[] = [
  // Commands of the runner: at the start of a line, and anywhere.
  '::set-output name=created::9999',
  '::add-mask::a',
  '::stop-commands::t',
  '::error file=x,line=1::owned',
  '   ::warning::owned',
  'fine ##[error]owned',
  'fine ##[add-mask]e',
  'one\n::set-env name=PATH::owned',
  'one\r::save-state name=x::owned',
  'one\r\n##[group]owned',
  'one\u2028::notice::owned\u2029::notice::owned',
  '%0A::error::owned%0D%0A',
  // Terminals.
  '\u001b[2J\u001b[31mowned\u001b[0m\u0007\u009b31m',
  // HTML.
  '</code></td></tr></table></details><script>document.title="owned"</script>',
  '<img src=//evil.example/x onerror="document.title=\'owned\'">',
  '"><svg/onload=document.title="owned">',
  "' onmouseover='document.title=1",
  '</script><script>document.title="owned"</script>',
  '<!-- <![CDATA[ ]]> --><iframe src=javascript:document.title=1></iframe>',
  '&lt;script&gt; &#60;b&#62; &amp;amp;',
  // Markdown.
  '[click](javascript:alert(1)) ![image](https://evil.example/p.png)',
  '[ref]: https://evil.example\n\n[ref]',
  'https://evil.example www.evil.example mail@evil.example',
  '@octo-org/everyone @octocat #123 GH-123 octo/repo#1 0123456789abcdef0123456789abcdef01234567 :tada:',
  '```\n</pre>\n# heading\n* list\n> quote\n---\n~~~',
  '| a | b |\n| - | - |\n| **bold** | `code` `` ` `` |',
  '$\\sqrt{x}$ $$\\href{javascript:x}{y}$$',
  '```mermaid\npie\n"owned" : 1\n```',
  // Scripts, spreadsheets, templates, paths.
  '$(touch owned) `touch owned` ; touch owned',
  "=cmd|' /C calc'!A0",
  `\${{ secrets.PORT_CLIENT_SECRET }} {{constructor.constructor("return 1")()}}`,
  '../../../../etc/passwd',
  // What a reader does not see.
  'invoice\u202egnp.exe \u2066x\u2069',
  'zero\u200bwidth\ufeff\u00ad',
  'e\u0301 \u00e9 \u212b',
  `${'W'.repeat(2_000)}`,
  'nul\u0000nul',
  '\ud800 lone \udc00',
  '__proto__',
  'constructor',
]
