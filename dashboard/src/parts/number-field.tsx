import { TextInput, type TextInputProps } from '@mantine/core';

interface NumberFieldProps extends Omit<TextInputProps, 'value' | 'onChange' | 'type'> {
  value: number | null;
  /** Null when the field was emptied. */
  onChange: (value: number | null) => void;
}

/** A field for a number, as the browser makes one: the library's own would weigh as much as a page. */
export function NumberField({ value, onChange, ...others }: NumberFieldProps) {
  return (
    <TextInput
      type="number"
      inputMode="numeric"
      value={value ?? ''}
      onChange={({ currentTarget }) =>
        onChange(currentTarget.value === '' ? null : currentTarget.valueAsNumber)
      }
      {...others}
    />
  );
}
