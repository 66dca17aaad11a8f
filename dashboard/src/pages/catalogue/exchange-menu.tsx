import { Button, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowsExchange, IconDownload, IconUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { useAccess } from '../../access/access.ts';
import { noticeProblem } from '../../parts/notice.tsx';
import { ImportTypes } from './import-types.tsx';

/** The catalogue as OpenAPI, there and back. */
export function ExchangeMenu() {
  const { client } = useAccess();
  const [isImporting, importing] = useDisclosure();
  const target = useRef<HTMLButtonElement>(null);
  const exporting = useMutation({
    mutationFn: () => client.get('/api/v1/event-types/export'),
    onSuccess: (document) => saveFile('event-catalogue.openapi.json', JSON.stringify(document, null, 2)),
    onError: noticeProblem,
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            ref={target}
            variant="default"
            leftSection={<IconArrowsExchange size={16} />}
            loading={exporting.isPending}
          >
            OpenAPI
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => exporting.mutate()}>
            Export the catalogue
          </Menu.Item>
          <Menu.Item leftSection={<IconUpload size={16} />} onClick={importing.open}>
            Import event types
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ImportTypes opened={isImporting} close={importing.close} returnTo={target} />
    </>
  );
}

/** Has the browser keep text as a file. */
function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
