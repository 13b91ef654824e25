import './destinations.css';

import type { ConfirmedDestination } from '@pulser/contracts';
import { useEffect, useState } from 'react';

import { Note } from '../../ui/error-state.js';
import { Logo } from '../../ui/logo.js';
import { confirmRoute } from './confirm-route.js';
import { ConfirmForm } from './destination-dialog.js';

export const ConfirmPage = () => {
  const { code } = confirmRoute.useSearch();
  const [confirmed, setConfirmed] = useState<ConfirmedDestination>();
  useEffect(() => {
    document.title = 'Confirm · Pulser';
  }, []);
  return (
    <main id="main" className="confirm-page">
      <Logo />
      <h1>Confirm a destination</h1>
      {confirmed === undefined ? (
        <>
          <p>Pulser wants to send messages to you. If that is all right, confirm it with the code that you got.</p>
          <ConfirmForm {...(code !== undefined && { code })} onDone={setConfirmed} />
        </>
      ) : (
        <Note icon="success">
          {confirmed.name} is confirmed. Pulser sends messages to you from now on; you can close this page.
        </Note>
      )}
    </main>
  );
};
