/** The themes of the kernel facts; one file each. */
import { cgroupFacts } from './cgroups.ts';
import type { Themes } from './fact.ts';
import { namespaceFacts } from './namespaces.ts';
import { engineNetworkFacts, networkFacts } from './network.ts';
import { pidFacts } from './pid1.ts';
import { procFacts } from './proc.ts';
import { processFacts } from './processes.ts';

export const themes: Themes = {
  namespaces: namespaceFacts,
  processes: processFacts,
  'PID namespaces': pidFacts,
  'procfs and sysfs': procFacts,
  cgroups: cgroupFacts,
  networks: networkFacts,
  'networks of the engine': engineNetworkFacts,
};

/** What of a host a theme needs beside the usual: for this one the engine has docker0. */
export const hostFor = (theme: string): { readonly bridge?: boolean } =>
  theme === 'networks of the engine' ? { bridge: true } : {};
