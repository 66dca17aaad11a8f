import { createTheme, type CSSVariablesResolver } from '@mantine/core';

/** The look of the dashboard; a portal gives its own primary colour. */
export function themeOf(primaryColor?: string) {
  return createTheme({
    ...(primaryColor !== undefined && { colors: { brand: shadesOf(primaryColor) } }),
    primaryColor: primaryColor === undefined ? 'cyan' : 'brand',
    primaryShade: primaryColor === undefined ? { light: 9, dark: 9 } : 6,
    // Whatever the platform's colour: white or black on it, whichever can be read.
    autoContrast: true,
    luminanceThreshold: 0.35,
    defaultRadius: 'md',
    cursorType: 'pointer',
    fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
    fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
    headings: { fontWeight: '650' },
  });
}

/** The library's greys for secondary text miss a contrast of 4.5 on its own backgrounds. */
export const readableGreys: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#4a5560',
    '--mantine-color-placeholder': '#65707c',
    '--mantine-color-error': '#c02626',
    '--mantine-color-anchor': '#0b6478',
    '--mantine-color-yellow-light-color': '#6b4a00',
    '--mantine-color-orange-light-color': '#7a3300',
  },
  dark: {
    '--mantine-color-dimmed': '#b3bac2',
    '--mantine-color-placeholder': '#9aa2ab',
    '--mantine-color-error': '#ff8f8f',
    '--mantine-color-anchor': '#66d9e8',
  },
});

type Shades = [string, string, string, string, string, string, string, string, string, string];

/** Ten shades of one `#rrggbb`, as the library wants them: lighter ones before it, darker ones behind it. */
function shadesOf(color: string): Shades {
  const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  const mix = (other: 0 | 255, share: number): string =>
    `#${parts
      .map((part) =>
        Math.round(part + (other - part) * share)
          .toString(16)
          .padStart(2, '0'),
      )
      .join('')}`;
  return [
    mix(255, 0.92),
    mix(255, 0.8),
    mix(255, 0.64),
    mix(255, 0.48),
    mix(255, 0.32),
    mix(255, 0.16),
    color,
    mix(0, 0.1),
    mix(0, 0.22),
    mix(0, 0.35),
  ];
}
