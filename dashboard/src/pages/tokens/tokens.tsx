import { Badge, Button, Group, Pagination, Table, Text, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Answer, Query } from '@velahook/sdk';
import { useState } from 'react';
import { useAccess } from '../../access/access.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty } from '../../parts/empty.tsx';
import { noticeDone, noticeProblem } from '../../parts/notice.tsx';
import { formatCount } from '../../parts/numbers.ts';
import { Page } from '../../parts/page.tsx';
import { Loaded } from '../../parts/problem.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { CreateToken } from './create-token.tsx';

const PATH = '/api/v1/tokens';
type Token = Answer<'get', typeof PATH>['items'][number];

const TOKENS_PER_PAGE = 50;

/** The workspace's credentials; only the administrator makes and revokes them, and sees them all. */
export function Tokens() {
  return useAccess().kind === 'admin' ? <OfTheWorkspace /> : <ForTheAdministrator />;
}

function ForTheAdministrator() {
  return (
    <Page title="Tokens">
      <Empty icon={IconKey} title="Tokens are the administrator’s">
        A token cannot make or revoke tokens, nor see which others there are. Sign in with the admin token for
        that, or ask whoever has it. Whoever operates this server prints a new one with{' '}
        <code>velahook admin-token</code>.
      </Empty>
    </Page>
  );
}

function OfTheWorkspace() {
  const { client, workspaceId } = useAccess();
  const [page, setPage] = useState(1);
  const [isCreating, creating] = useDisclosure();
  const query = useQuery({
    queryKey: ['tokens', workspaceId, page],
    queryFn: ({ signal }) =>
      client.get(PATH, {
        query: { workspaceId, page, limit: TOKENS_PER_PAGE } as Query<'get', typeof PATH>,
        signal,
      }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page
      title="Tokens"
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={creating.open}>
          New token
        </Button>
      }
    >
      <Loaded query={query}>
        {({ items, pagination }) =>
          items.length === 0 ? (
            <Empty icon={IconKey} title="No token">
              Nobody can call the API for this workspace but the administrator, who makes its tokens.
            </Empty>
          ) : (
            <>
              <Rows tokens={items} />
              <Group justify="space-between">
                <Text size="sm" c="dimmed">
                  {formatCount(pagination.total)} in all, revoked ones too
                </Text>
                {pagination.totalPages > 1 && (
                  <Pagination
                    total={pagination.totalPages}
                    value={page}
                    onChange={setPage}
                    getControlProps={(control) => ({ 'aria-label': `${control} page` })}
                  />
                )}
              </Group>
            </>
          )
        }
      </Loaded>
      <CreateToken opened={isCreating} close={creating.close} />
    </Page>
  );
}

function Rows({ tokens }: { tokens: readonly Token[] }) {
  const [chosen, setChosen] = useState<Token | null>(null);
  const [isAsking, asking] = useDisclosure();
  const ask = (token: Token): void => {
    setChosen(token);
    asking.open();
  };
  return (
    <>
      <Table.ScrollContainer minWidth={860}>
        <Table verticalSpacing="sm" withTableBorder aria-label="Tokens">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Scopes</Table.Th>
              <Table.Th>Last used</Table.Th>
              <Table.Th>Created</Table.Th>
              <Table.Th>Expires</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tokens.map((token) => (
              <Row key={token._id} token={token} revoke={() => ask(token)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {chosen !== null && <Revoke token={chosen} opened={isAsking} close={asking.close} />}
    </>
  );
}

function Row({ token, revoke }: { token: Token; revoke: () => void }) {
  const { name, prefix, status, scopes, lastUsedAt, createdAt, expiresAt } = token;
  return (
    <Table.Tr>
      <Table.Td maw={220}>
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Text>
        <Text size="xs" c="dimmed" ff="monospace">
          {prefix}…
        </Text>
      </Table.Td>
      <Table.Td>
        <StateBadge state={status} />
      </Table.Td>
      <Table.Td maw={280}>
        <Group gap={4}>
          {scopes.map((scope) => (
            <Badge key={scope} variant="default" tt="none" fw={500} size="sm">
              {scope}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>{lastUsedAt === null ? 'never' : <Time at={lastUsedAt} />}</Table.Td>
      <Table.Td>
        <Time at={createdAt} />
      </Table.Td>
      <Table.Td>{expiresAt === null ? 'never' : <Time at={expiresAt} />}</Table.Td>
      <Table.Td ta="right">
        {status === 'active' && (
          <Button variant="default" size="xs" onClick={revoke} aria-label={`Revoke ${name}`}>
            Revoke
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Revoke({ token, opened, close }: { token: Token; opened: boolean; close: () => void }) {
  const { client } = useAccess();
  const queries = useQueryClient();
  const revoking = useMutation({
    mutationFn: () => client.delete(`${PATH}/{id}`, { path: { id: token._id } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      close();
      noticeDone('The token is revoked: within a second it is refused everywhere.');
    },
    onError: noticeProblem,
  });
  return (
    <Confirm
      title="Revoke this token?"
      opened={opened}
      close={close}
      keepLabel="Keep it"
      doLabel="Revoke"
      isPending={revoking.isPending}
      onConfirm={() => revoking.mutate()}
    >
      Whatever uses “{token.name}” ({token.prefix}…) is refused from then on. Sessions that were begun with
      it, and portal links that were made with it, end too. There is no way back.
    </Confirm>
  );
}
