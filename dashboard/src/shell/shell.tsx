import {
  ActionIcon,
  Burger,
  Group,
  Menu,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDidUpdate, useDisclosure } from '@mantine/hooks';
import { IconLogout, IconMoon, IconSun, IconSwitchHorizontal, IconUser } from '@tabler/icons-react';
import { Outlet, useLocation } from '@tanstack/react-router';
import { useRef } from 'react';
import { useAccess } from '../access/access.ts';
import { signOut } from '../access/session.ts';
import { PageNavLink } from '../parts/link.tsx';
import { Mark } from '../parts/mark.tsx';
import { noticeProblem } from '../parts/notice.tsx';
import { IdSearch } from './id-search.tsx';
import { LiveProvider, LiveSign } from './live.tsx';
import { isInternal, navigationOf } from './navigation.ts';
import { NotFound } from './not-found.tsx';
import classes from './shell.module.css';

/** Around every page: where one can go, a search by id, whether it is live, and who one is. */
export function Shell() {
  const access = useAccess();
  const { pathname } = useLocation();
  const [isOpen, { toggle, close }] = useDisclosure();
  const main = useRef<HTMLElement>(null);
  const toMain = (): void => main.current?.focus({ preventScroll: true });
  // What was activated may be gone with its page: who goes on by keyboard, or listens, begins at the new one's top.
  useDidUpdate(toMain, [pathname]);
  return (
    <LiveProvider>
      <button type="button" className={classes['skip']} onClick={toMain}>
        Skip to the page
      </button>
      <header className={classes['header']}>
        <Group gap="sm" wrap="nowrap">
          <Burger
            opened={isOpen}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label="Navigation"
            aria-expanded={isOpen}
          />
          <Mark
            {...(access.portal?.title != null && { title: access.portal.title })}
            {...(access.portal?.logoUrl != null && { logoUrl: access.portal.logoUrl })}
          />
        </Group>
        <Group gap="xs" wrap="nowrap" style={{ flex: 1 }} justify="flex-end">
          <IdSearch />
          <LiveSign />
          <SchemeToggle />
          {access.kind !== 'portal' && <Who />}
        </Group>
      </header>
      <nav className={classes['pages']} data-open={isOpen} aria-label="Pages">
        {navigationOf(access).map(({ to, label, icon: Sign }) => (
          <PageNavLink
            key={to}
            to={to}
            label={label}
            leftSection={<Sign size={18} aria-hidden />}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            activeProps={{ active: true, 'aria-current': 'page' }}
            onClick={close}
            style={{ borderRadius: 'var(--mantine-radius-md)' }}
          />
        ))}
      </nav>
      <main ref={main} tabIndex={-1} className={classes['main']}>
        {access.kind === 'portal' && isInternal(pathname) ? <NotFound /> : <Outlet />}
      </main>
    </LiveProvider>
  );
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme('light') === 'light' ? 'dark' : 'light';
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={`Switch to the ${other} theme`}
      onClick={() => setColorScheme(other)}
    >
      {other === 'dark' ? <IconMoon size={18} /> : <IconSun size={18} />}
    </ActionIcon>
  );
}

function Who() {
  const access = useAccess();
  const leave = (): void => {
    signOut(access).then(() => window.location.assign('/'), noticeProblem);
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="default" size="lg" aria-label="Who is signed in">
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600}>
            {access.name}
          </Text>
          <Text size="xs" ff="monospace">
            {access.workspaceId}
          </Text>
        </Menu.Label>
        {access.kind === 'admin' && (
          <Menu.Item leftSection={<IconSwitchHorizontal size={16} />} component="a" href="/">
            Another workspace
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
