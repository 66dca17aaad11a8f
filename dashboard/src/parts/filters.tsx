import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback, useDidUpdate } from '@mantine/hooks';
import { IconFilterOff } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { useRef, useState } from 'react';

/** Typing is waited for before a list is read anew. */
const TYPED_MS = 300;

/** The filters of a list: in its address, so that what is found can be passed on. */
export type Values<Name extends string> = Partial<Record<Name, string>>;

interface FilterBarProps<Name extends string> {
  fields: readonly FilterField<Name>[];
  values: Values<Name>;
  onChange: (values: Values<Name>) => void;
}

export interface FilterField<Name extends string> {
  name: Name;
  label: string;
  placeholder?: string;
  /** The only values there are. */
  options?: readonly { value: string; label: string }[];
  /** Default: text. */
  type?: 'instant';
}

export function FilterBar<Name extends string>({ fields, values, onChange }: FilterBarProps<Name>) {
  const isAny = fields.some(({ name }) => values[name] !== undefined);
  const change = (name: Name, value: string): void => {
    const { [name]: _before, ...others } = values;
    onChange((value === '' ? others : { ...others, [name]: value }) as Values<Name>);
  };
  return (
    <Group align="flex-end" gap="sm" role="search" aria-label="Filters">
      {fields.map((field) => (
        <Filter
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          onChange={(value) => change(field.name, value)}
        />
      ))}
      {isAny && (
        <Button variant="subtle" leftSection={<IconFilterOff size={16} />} onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </Group>
  );
}

interface FilterProps {
  field: FilterField<string>;
  value: string;
  onChange: (value: string) => void;
}

function Filter({ field: { label, placeholder, options, type }, value, onChange }: FilterProps) {
  const shown = type === 'instant' ? localOf(value) : value;
  const [typed, setTyped] = useState(shown);
  const told = useRef(value);
  const router = useRouter();
  const [here] = useState(router.latestLocation.pathname);
  const tell = useDebouncedCallback((text: string) => {
    // A link was followed meanwhile, and its page is on its way: this would lead back.
    if (router.latestLocation.pathname !== here) return;
    told.current = text;
    onChange(text);
  }, TYPED_MS);
  // Changed from elsewhere, as by Clear or by going back: what is being typed stays.
  useDidUpdate(() => {
    if (value === told.current) return;
    told.current = value;
    setTyped(shown);
  }, [value]);
  if (options !== undefined)
    return (
      <Select
        label={label}
        placeholder={placeholder ?? 'Any'}
        data={[...options]}
        value={value === '' ? null : value}
        onChange={(chosen) => onChange(chosen ?? '')}
        clearable
        clearButtonProps={{ 'aria-label': `Clear ${label}`, tabIndex: 0, 'aria-hidden': false }}
        {...fieldWidth(130, 190)}
      />
    );
  return (
    <TextInput
      label={label}
      {...(placeholder !== undefined && { placeholder })}
      {...(type === 'instant' && { type: 'datetime-local' })}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        tell(type === 'instant' ? instantOf(currentTarget.value) : currentTarget.value.trim());
      }}
      {...(type === 'instant' ? fieldWidth(190, 205) : fieldWidth(130, 210))}
    />
  );
}

/** Two beside each other where the page is narrow; wide, no wider than what they hold. */
function fieldWidth(least: number, most: number) {
  return { flex: `1 1 ${least}px`, maw: { sm: most } };
}

/** What the field of the browser shows, in the reader's time zone. */
function localOf(instant: string): string {
  const at = new Date(instant);
  // In an address there may be anything.
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function instantOf(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}
