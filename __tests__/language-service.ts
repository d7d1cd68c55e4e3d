/** What GitHub's own language service says of a workflow or of action.yml. */
import { readFileSync } from 'node:fs'
import { validate } from '@actions/languageservice'
import { load } from 'js-yaml'
import { TextDocument } from 'vscode-languageserver-textdocument'

export interface ActionFile {
  inputs: Record<string, { description?: string; default?: string; required?: boolean }>
  outputs: Record<string, { description?: string }>
  runs: { using: string; main: string }
}

export const action = load(readFileSync('action.yml', 'utf8')) as ActionFile

/** The inputs of other actions that workflows here use: there is no network to ask for them. */
const FOREIGN_INPUTS: Readonly<Record<string, readonly string[]>> = {
  'actions/attest-build-provenance': ['subject-path'],
  'actions/attest-sbom': ['subject-path', 'sbom-path'],
  'actions/checkout': ['fetch-depth', 'persist-credentials'],
  'actions/download-artifact': ['name'],
  'actions/setup-node': ['node-version', 'package-manager-cache'],
  'actions/upload-artifact': ['name', 'path', 'if-no-files-found'],
  'github/codeql-action/analyze': ['category'],
  'github/codeql-action/init': ['languages', 'build-mode', 'queries', 'config'],
}

/**
 * @param uri another one for each document: the service remembers what it has read
 * @returns problems as `line: message`; an action that is not known here is one
 */
export async function problemsOf(uri: string, text: string): Promise<string[]> {
  const problems = await validate(TextDocument.create(uri, 'yaml', 1, text), {
    actionsMetadataProvider: {
      fetchActionMetadata: async ({ owner, name, path }) => {
        const inputs = inputsOf([owner, name, path].filter(part => part).join('/'))
        return inputs && ({ ...action, inputs } as never)
      },
    },
  })
  return problems.map(({ message, range }) => `${range.start.line + 1}: ${message}`)
}

function inputsOf(used: string): object | undefined {
  if (used === 'wiz-to-port/wiz-to-port') return action.inputs
  const names = FOREIGN_INPUTS[used]
  return names && Object.fromEntries(names.map(name => [name, {}]))
}
