import {
  Anchor,
  Button,
  NavLink,
  type AnchorProps,
  type ButtonProps,
  type NavLinkProps,
} from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

type Native = Omit<ComponentPropsWithRef<'a'>, keyof AnchorProps>;

/** A link to another page, typed by the routes. */
export const PageLink = createLink((props: AnchorProps & Native) => <Anchor {...props} />);

/** The same, as a button. */
export const PageButton = createLink(
  (props: ButtonProps & Omit<ComponentPropsWithRef<'a'>, keyof ButtonProps>) => (
    <Button component="a" {...props} />
  ),
);

/** The same, as an entry of the navigation. */
export const PageNavLink = createLink(
  (props: NavLinkProps & Omit<ComponentPropsWithRef<'a'>, keyof NavLinkProps>) => <NavLink {...props} />,
);
