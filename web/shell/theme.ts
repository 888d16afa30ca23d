/** Light or dark, as the system says: drawings are made for one of them. */
import { signal } from '@preact/signals';

const prefersDark = matchMedia('(prefers-color-scheme: dark)');

export const theme = signal<'light' | 'dark'>(prefersDark.matches ? 'dark' : 'light');

prefersDark.addEventListener('change', () => (theme.value = prefersDark.matches ? 'dark' : 'light'));
