/** This machine cannot provide the services; the command line turns it into exit code 3. */
export class ServicesUnavailable extends Error {}
