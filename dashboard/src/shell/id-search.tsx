import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState, type SubmitEvent } from 'react';

const SUBSCRIPTION_FORM = /^[0-9a-f]{24}$/;

/** Finds what has an id: a delivery (or the one of an attempt), a subscription, an event. */
export function IdSearch() {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const id = text.trim();
    if (id === '') return;
    setText('');
    if (id.startsWith('dlv_') || id.startsWith('att_'))
      void navigate({ to: '/deliveries/$id', params: { id } });
    else if (SUBSCRIPTION_FORM.test(id)) void navigate({ to: '/subscriptions/$id', params: { id } });
    // Publishers choose the ids of their events.
    else void navigate({ to: '/events/$id', params: { id } });
  };
  return (
    <form onSubmit={submit} role="search" style={{ flex: '0 1 320px' }}>
      <TextInput
        size="sm"
        placeholder="evt_… dlv_… att_…"
        aria-label="Search by id of an event, delivery, attempt or subscription"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}
