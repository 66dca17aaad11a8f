import { Text } from '@mantine/core';
import classes from './sparkline.module.css';

interface SparklineProps {
  /** What it shows, in words. */
  label: string;
  series: readonly { succeeded: number; failed: number }[];
}

const WIDTH = 96;
const HEIGHT = 24;

/** A bar for each hour: how much was delivered, and how much of it failed. */
export function Sparkline({ label, series }: SparklineProps) {
  const max = Math.max(1, ...series.map(({ succeeded, failed }) => succeeded + failed));
  if (series.every(({ succeeded, failed }) => succeeded + failed === 0))
    return (
      <Text size="xs" c="dimmed" span>
        nothing yet
      </Text>
    );
  const step = WIDTH / series.length;
  const heightOf = (count: number): number => (count === 0 ? 0 : Math.max(1.5, (count / max) * HEIGHT));
  return (
    <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {series.map(({ succeeded, failed }, i) => {
        const [good, bad] = [heightOf(succeeded), heightOf(failed)];
        return (
          // Hours have no other name than their place.
          <g key={i}>
            <rect
              className={classes.good}
              x={i * step}
              y={HEIGHT - good - bad}
              width={step - 1}
              height={good}
            />
            <rect className={classes.bad} x={i * step} y={HEIGHT - bad} width={step - 1} height={bad} />
          </g>
        );
      })}
    </svg>
  );
}
