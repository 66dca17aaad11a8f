import 'uplot/dist/uPlot.min.css';
import { Button, Group, Stack, Table, Text, useComputedColorScheme } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import UPlot from 'uplot';
import { formatInstant } from './time.tsx';

export interface ChartLine {
  label: string;
  /** In the light theme, and in the dark one. */
  colors: readonly [string, string];
  values: readonly (number | null)[];
  /** Filled to the ground. */
  isArea?: true;
  /** A pattern of dashes, so that lines differ by more than colour. */
  dash?: number[];
}

type Look = Omit<ChartLine, 'values'>;

interface TimeChartProps {
  /** What it shows. */
  label: string;
  /** Milliseconds since the Unix epoch, ascending. */
  at: readonly number[];
  lines: readonly ChartLine[];
  format: (value: number) => string;
  height?: number;
}

/** Lines over time; and the same numbers as a table, for whoever does not see lines. */
export function TimeChart({ label, at, lines, format, height = 220 }: TimeChartProps) {
  const { ref: measure, width } = useElementSize<HTMLDivElement>();
  const place = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(place, measure);
  const [isTable, setTable] = useState(false);
  const scheme = useComputedColorScheme('light');
  const chart = useRef<UPlot>(null);
  const latest = useRef<UPlot.AlignedData>([[]]);
  // What is drawn anew only when it looks another way; newer numbers are put into what is there.
  const looks = JSON.stringify(lines.map(({ values: _values, ...look }) => look));
  useEffect(() => {
    latest.current = [at.map((ms) => ms / 1000), ...lines.map(({ values }) => [...values])];
    chart.current?.setData(latest.current);
  }, [at, lines]);
  useEffect(() => {
    if (place.current === null || width === 0 || isTable) return undefined;
    const drawn = JSON.parse(looks) as Look[];
    const made = new UPlot(optionsOf(drawn, format, scheme, width, height), latest.current, place.current);
    chart.current = made;
    return () => {
      chart.current = null;
      made.destroy();
    };
  }, [width, height, looks, format, scheme, isTable]);
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text fw={600} size="sm">
          {label}
        </Text>
        <Button variant="subtle" size="compact-xs" onClick={() => setTable(!isTable)}>
          {isTable ? 'As a chart' : 'As a table'}
        </Button>
      </Group>
      {isTable ? (
        <Numbers label={label} at={at} lines={lines} format={format} height={height} />
      ) : (
        <div
          ref={ref}
          style={{ minHeight: height }}
          role="img"
          aria-label={`${label}; the same is there as a table`}
        />
      )}
    </Stack>
  );
}

function Numbers({ label, at, lines, format, height }: Required<TimeChartProps>) {
  return (
    <Table.ScrollContainer minWidth={320} mah={height + 40} tabIndex={0} role="region" aria-label={label}>
      <Table striped>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>From</Table.Th>
            {lines.map((line) => (
              <Table.Th key={line.label}>{line.label}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {at.map((ms, i) => (
            <Table.Tr key={ms}>
              <Table.Td>{formatInstant(new Date(ms).toISOString())}</Table.Td>
              {lines.map((line) => {
                const value = line.values[i] ?? null;
                return <Table.Td key={line.label}>{value === null ? '–' : format(value)}</Table.Td>;
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** As the library wants it: so far apart, so written; and with the day, where it is another one. */
const HOURS: UPlot.Axis.Values = [
  [86_400, '{D} {MMM}', null, null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
];

function optionsOf(
  lines: readonly Look[],
  format: (value: number) => string,
  scheme: 'light' | 'dark',
  width: number,
  height: number,
): UPlot.Options {
  const [ink, grid] = scheme === 'light' ? ['#4a5560', '#e6eaee'] : ['#b3bac2', '#343a41'];
  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  return {
    width,
    height,
    cursor: { y: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, 1)] } },
    axes: [
      { ...axis, values: HOURS },
      { ...axis, size: 64, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ label, colors, isArea, dash }) => {
        const color = colors[scheme === 'light' ? 0 : 1];
        return {
          label,
          stroke: color,
          width: 2,
          ...(dash !== undefined && { dash }),
          ...(isArea === true && { fill: `${color}22` }),
          value: (_plot: UPlot, value: number | null) => (value === null ? '–' : format(value)),
        };
      }),
    ],
  };
}
