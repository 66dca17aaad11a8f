import type { ErrorComponentProps } from '@tanstack/react-router';
import { Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';

/** In place of a page that could not be drawn; what is around it stays. */
export function BrokenPage({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="This page could not be shown">
      <Problem
        title="Something is wrong with it"
        error={error}
        advice="Try again, or go on from the navigation. If it stays so, tell whoever runs this server."
        retry={reset}
      />
    </Page>
  );
}
