import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Packages whose source maps point to sources that they do not ship would fill pages of warnings.
  logLevel: 'error',
  test: {
    include: ['__tests__/**/*.test.ts'],
    // Most of their time tests wait for a process of their own, or for a service to be patient with.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // GitHub's language service imports JSON in a way that Node refuses and Vite understands.
    server: { deps: { inline: [/@actions\/(languageservice|workflow-parser|expressions)/] } },
  },
})
