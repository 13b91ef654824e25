import './styles/tokens.css';
import './styles/base.css';
import './ui/page.css';
import './ui/state.css';

import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { createRoot } from 'react-dom/client';

import { createQueryClient } from './api/queries.js';
import { listenForKeys } from './app/keyboard.js';
import { createAppRouter } from './app/router.js';
import { Tips } from './ui/tips.js';

const client = createQueryClient();
const router = createAppRouter(client);
listenForKeys();
// For specs, which visit every page there is, and for people at the console.
Object.assign(globalThis, { pulser: { routes: Object.keys(router.routesByPath) } });

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root');
createRoot(root).render(
  <StrictMode>
    <I18nProvider locale="en-US">
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Tips />
      </QueryClientProvider>
    </I18nProvider>
  </StrictMode>,
);
