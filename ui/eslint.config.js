import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default defineConfig(
    // What paraglide and tauri-specta write.
    { ignores: ['dist/', 'src/lib/paraglide/', 'src/lib/ipc/bindings.ts'] },
    js.configs.recommended,
    { files: ['**/*.ts'], extends: [ts.configs.recommendedTypeChecked] },
    // Rules that need types would take minutes here: each component is a program of its own to them.
    { files: ['**/*.svelte'], extends: [ts.configs.recommended] },
    svelte.configs.recommended,
    // Prettier decides the layout.
    svelte.configs.prettier,
    { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: true } } },
    {
        files: ['**/*.svelte', '**/*.svelte.ts'],
        languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    },
    { files: ['*.js', '*.ts'], languageOptions: { globals: globals.node } },
    {
        linterOptions: { reportUnusedDisableDirectives: 'error' },
        languageOptions: { globals: globals.browser },
        rules: {
            // The model of the phrases has such a space in its data.
            'no-irregular-whitespace': ['error', { skipTemplates: true }],
            // A set or map of the state is replaced as a whole, never changed.
            'svelte/prefer-svelte-reactivity': 'off',
            // `{' · '}` keeps a space at an edge, where the compiler would trim it.
            'svelte/no-useless-mustaches': 'off',
        },
    },
);
