import './settings.css';

import { useMay } from '../../session/session.js';
import { Note } from '../../ui/error-state.js';
import { Page } from '../../ui/page.js';
import { AllowedHostsForm } from './allowed-hosts-form.js';
import { LimitsPanel } from './limits-panel.js';
import { PersonToolsForm } from './person-tools-form.js';
import { hostDraftsOf, hostOfDraft, labelsOf, toolsDraftOf, toolsOfDraft } from './setting-drafts.policy.js';
import { SettingPanel } from './setting-panel.js';
import { TaskLabelsForm } from './task-labels-form.js';

/** What administrators decide for the tasks of their tenant. */
export const SettingsPage = () => {
  const isAdmin = useMay('admin');
  return (
    <Page
      title="Settings"
      intro="They hold for all tasks of this tenant from the next one on. Tasks that run keep what they have read."
    >
      {!isAdmin && <Note>Administrators change them; you can read them.</Note>}
      <div className="settings">
        <SettingPanel
          name="allowed-hosts"
          title="Allowed hosts"
          about={
            <>
              Hosts that tasks of the type <code>testing</code> may ask. Without it they may ask none. A host is spelt
              as URLs spell it, in small letters; <code>*.example.com</code> stands for all names below a domain.
              Private addresses are opened by who runs Pulser alone. Without ports: 443 of https and 80 of http. A load
              test needs the host to agree too.
            </>
          }
          draftOf={(value) => (value === null ? [] : hostDraftsOf(value))}
          valueOf={(draft) => draft.map(hostOfDraft)}
          form={(props) => <AllowedHostsForm {...props} />}
        />
        <SettingPanel
          name="task-labels"
          title="Task labels"
          about={
            <>
              Members of <code>metadata</code> by whose values tasks are listed and found: up to 8. They count for tasks
              that are submitted from then on, where they are texts of 1 to 200 characters, numbers or booleans.
            </>
          }
          draftOf={(value) => (value === null ? [] : labelsOf(value))}
          valueOf={(draft) => draft}
          form={(props) => <TaskLabelsForm {...props} />}
        />
        <SettingPanel
          name="person-tools"
          title="Tools of persons"
          about={
            <>
              Tools of MCP servers that persons who log in at an identity provider may call, by their role: names, in
              which <code>*</code> stands for any characters, or <code>read</code> for those that only read. A role may
              what roles below it may. Without it they may call those that only read. What keys may call is named when
              they are made.
            </>
          }
          draftOf={(value) => toolsDraftOf(value ?? {})}
          valueOf={toolsOfDraft}
          form={(props) => <PersonToolsForm {...props} />}
        />
        <LimitsPanel />
      </div>
    </Page>
  );
};
