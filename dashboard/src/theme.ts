import { createTheme, PasswordInput, type CSSVariablesResolver } from '@mantine/core';

/** The look of the dashboard; a portal gives its own primary colour. */
export function themeOf(primaryColor?: string) {
  return createTheme({
    ...(primaryColor !== undefined && { colors: { brand: shadesOf(primaryColor) } }),
    primaryColor: primaryColor === undefined ? 'cyan' : 'brand',
    primaryShade: primaryColor === undefined ? { light: 9, dark: 9 } : 6,
    // Whatever the platform's colour: white or black on it, whichever can be read.
    autoContrast: true,
    // Here black and white have the same contrast, 4.6.
    luminanceThreshold: 0.179,
    defaultRadius: 'md',
    cursorType: 'pointer',
    fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
    fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
    headings: { fontWeight: '650' },
    components: {
      PasswordInput: PasswordInput.extend({ defaultProps: { visibilityToggleFocusable: true } }),
    },
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

/** What is the darkest and the lightest behind text in a colour: a mark in the same colour, pointed at. */
const TEXT_ON = { light: 0.37, dark: 0.46 };
const CONTRAST_MIN = 4.5;

/** The same where a platform has a colour of its own: text in it is made darker, or lighter, until it can be read. */
export function readableIn(primaryColor: string): CSSVariablesResolver {
  const [onLight, onDark] = [legible(primaryColor, 'light'), legible(primaryColor, 'dark')];
  return (theme) => {
    const { variables, light, dark } = readableGreys(theme);
    const named = (color: string) => ({
      '--mantine-color-brand-light-color': color,
      '--mantine-color-brand-outline': color,
      '--mantine-color-brand-text': color,
    });
    return { variables, light: { ...light, ...named(onLight) }, dark: { ...dark, ...named(onDark) } };
  };
}

function legible(color: string, scheme: 'light' | 'dark'): string {
  const [to, ground] = scheme === 'light' ? ([0, '#ffffff'] as const) : ([255, '#242424'] as const);
  const behind = luminanceOf(mix(ground, partsOf(color), TEXT_ON[scheme]));
  for (let share = 0; share < 1; share += 0.05) {
    const text = mix(color, [to, to, to], share);
    const [darker = 0, lighter = 0] = [luminanceOf(text), behind].sort((a, b) => a - b);
    if ((lighter + 0.05) / (darker + 0.05) >= CONTRAST_MIN) return text;
  }
  return scheme === 'light' ? '#000000' : '#ffffff';
}

type Parts = readonly [red: number, green: number, blue: number];

function partsOf(color: string): Parts {
  const part = (at: number): number => Number.parseInt(color.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}

/** `share` of one is the other colour's. */
function mix(color: string, other: Parts, share: number): string {
  const parts = partsOf(color).map((part, i) => Math.round(part + ((other[i] ?? 0) - part) * share));
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** As WCAG has it, from 0 to 1. */
function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = partsOf(color).map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

type Shades = [string, string, string, string, string, string, string, string, string, string];

/** Ten shades of one `#rrggbb`, as the library wants them: lighter ones before it, darker ones behind it. */
function shadesOf(color: string): Shades {
  const [lighter, darker] = [
    (share: number) => mix(color, [255, 255, 255], share),
    (share: number) => mix(color, [0, 0, 0], share),
  ];
  return [
    lighter(0.92),
    lighter(0.8),
    lighter(0.64),
    lighter(0.48),
    lighter(0.32),
    lighter(0.16),
    color,
    darker(0.1),
    darker(0.22),
    darker(0.35),
  ];
}
