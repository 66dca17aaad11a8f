import type { PublishRules } from '../../engine/intake/publish-request.ts';
import type { Catalogues } from './catalogues.ts';
import type { WorkspaceCatalogue } from './workspace-catalogue.ts';

/** By what a workspace's publish requests are judged; at once when its catalogue is in memory. */
export type RulesOf = (workspaceId: string) => PublishRules | Promise<PublishRules>;

export function createRulesOf(catalogues: Catalogues, dataBytesMax: number): RulesOf {
  // Kept with the catalogue, which never changes: publishing makes nothing anew.
  const made = new WeakMap<WorkspaceCatalogue, PublishRules>();
  const rulesFor = (catalogue: WorkspaceCatalogue): PublishRules => {
    const known = made.get(catalogue);
    if (known !== undefined) return known;
    const { judge, validates, checkData } = catalogue;
    const rules: PublishRules = { dataBytesMax, judge, ...(validates && { checkData }) };
    made.set(catalogue, rules);
    return rules;
  };
  return (workspaceId) => {
    const found = catalogues.of(workspaceId);
    return found instanceof Promise ? found.then(rulesFor) : rulesFor(found);
  };
}
