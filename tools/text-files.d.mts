import type { Plugin } from 'esbuild';

export const textFiles: () => Plugin;
