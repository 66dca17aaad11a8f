import { ActionIcon, Box, Button, Group, Text, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './code-block.module.css';
import { formatBytes } from './numbers.ts';

/** More is shown on demand: a page with a megabyte of text in it scrolls badly. */
const CHARS_SHOWN = 8_000;

interface CodeBlockProps {
  text: string;
  /** What it is, for those who cannot see it. */
  label: string;
  /** Copied instead of the text. */
  copied?: string;
  copyLabel?: string;
}

/** Text as it is, never taken for markup: payloads, responses, commands. Control characters are shown as signs. */
export function CodeBlock({ text, label, copied = text, copyLabel }: CodeBlockProps) {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > CHARS_SHOWN;
  const shown = visible(isLong && !isWhole ? text.slice(0, CHARS_SHOWN) : text);
  return (
    <Box className={classes.box ?? ''}>
      <Group className={classes.copy ?? ''}>
        <Copy text={copied} label={copyLabel ?? `Copy ${label.toLowerCase()}`} />
      </Group>
      {/* It scrolls, so it must be reachable by keyboard. */}
      <pre className={classes.code} aria-label={label} tabIndex={0} role="region">
        {shown === '' ? (
          <Text c="dimmed" size="sm" span>
            {'(empty)'}
          </Text>
        ) : (
          shown
        )}
      </pre>
      {isLong && !isWhole && (
        <Button variant="subtle" size="xs" onClick={() => setWhole(true)}>
          Show all {formatBytes(text.length)}
        </Button>
      )}
    </Box>
  );
}

/** A button that copies, and says that it did. */
export function Copy({ text, label }: { text: string; label: string }) {
  const { copy, copied, error } = useClipboard();
  // Not over plain http, nor in a frame that was not allowed to.
  const said = copied
    ? 'Copied'
    : error === null
      ? label
      : 'The browser does not let it be copied: select the text';
  return (
    <Tooltip label={said}>
      <ActionIcon variant="subtle" color="gray" onClick={() => copy(text)} aria-label={said}>
        {copied ? <IconCheck size={16} /> : error === null ? <IconCopy size={16} /> : <IconX size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** What is not to be seen, or turns the direction of writing: `\p{C}` but for line feed and tab. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;

/** With what cannot be seen written as its code: a payload must not look like something else than it is. */
function visible(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(UNSEEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`);
}
