import { Button, FileInput, Group, List, Stack, Table, Text } from '@mantine/core';
import { IconFile } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { VelahookError, type Answer } from '@velahook/sdk';
import { useState, type RefObject } from 'react';
import { useAccess } from '../../access/access.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { noticeDone } from '../../parts/notice.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useCatalogueChanged } from './catalogue-data.ts';

type Results = Answer<'post', '/api/v1/event-types/import'>;

interface ImportTypesProps {
  opened: boolean;
  close: () => void;
  returnTo: RefObject<HTMLElement | null>;
}

/** Takes event types from a document of OpenAPI: first it is told what would be done, then it is done. */
export function ImportTypes({ opened, close, returnTo }: ImportTypesProps) {
  const { client } = useAccess();
  const changed = useCatalogueChanged();
  const [file, setFile] = useState<File | null>(null);
  // The text goes as it is: the server says what is wrong with it.
  const importFrom = async (document: File, dryRun: boolean): Promise<Results> => {
    const response = await client.send('POST', `/api/v1/event-types/import?dryRun=${dryRun}`, {
      headers: { 'content-type': 'application/json' },
      body: await document.text(),
    });
    if (!response.ok) throw await VelahookError.of(response);
    return ((await response.json()) as { data: Results }).data;
  };
  const trying = useMutation({ mutationFn: (document: File) => importFrom(document, true) });
  const end = (): void => {
    setFile(null);
    trying.reset();
    importing.reset();
    close();
  };
  const importing = useMutation({
    mutationFn: (document: File) => importFrom(document, false),
    onSuccess: async ({ created, changed: updated }) => {
      await changed();
      noticeDone(`${created} created, ${updated} changed.`);
      end();
    },
  });
  const choose = (chosen: File | null): void => {
    setFile(chosen);
    trying.reset();
    importing.reset();
    if (chosen !== null) trying.mutate(chosen);
  };
  const found = trying.data;
  const error = trying.error ?? importing.error;
  return (
    <Dialog
      opened={opened}
      onClose={end}
      returnTo={returnTo}
      size="lg"
      title="Import event types from OpenAPI"
    >
      <Stack>
        <FileInput
          label="Document"
          description="OpenAPI 3.1 in JSON; its webhooks become event types. What it does not name stays."
          placeholder="Choose a file"
          accept="application/json,.json"
          leftSection={<IconFile size={16} aria-hidden />}
          clearable
          clearButtonProps={{ 'aria-label': 'Choose none' }}
          value={file}
          onChange={choose}
        />
        {trying.isPending && <Text role="status">Looking at it…</Text>}
        {error !== null && <Problem title="It was not imported" error={error} />}
        {found !== undefined && <Preview found={found} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={end}>
            Cancel
          </Button>
          <Button
            disabled={file === null || found === undefined || found.created + found.changed === 0}
            loading={importing.isPending}
            onClick={() => file !== null && importing.mutate(file)}
          >
            Import
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** What an import would do; what stays as it is, by its number only. */
function Preview({ found: { results, unchanged, created, changed, refused } }: { found: Results }) {
  const told = results.filter(({ result }) => result !== 'unchanged');
  return (
    <>
      <Text size="sm" role="status">
        It would create {created} and change {changed}; {unchanged} are as they are here, {refused} would be
        refused.
      </Text>
      {told.length > 0 && (
        <Table.ScrollContainer
          minWidth={420}
          maxHeight={320}
          // It scrolls, so it must be reachable by keyboard.
          scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
        >
          <Table withTableBorder aria-label="What would be done">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Event type</Table.Th>
                <Table.Th>Result</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {told.map(({ name, result, errors = [] }, i) => (
                // A document may name one twice.
                <Table.Tr key={i}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td>
                    {result}
                    {errors.length > 0 && (
                      <List size="xs">
                        {errors.map(({ path, message }) => (
                          <List.Item key={`${path} ${message}`}>
                            <b>{path}</b> {message}
                          </List.Item>
                        ))}
                      </List>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </>
  );
}
