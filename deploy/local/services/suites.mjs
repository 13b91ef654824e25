/** Debian suites a root filesystem can be made of, the preferred one first. */
export const suites = {
  forky: { postgresMajor: '18', contains: 'RabbitMQ 4.3, PostgreSQL 18' },
  trixie: { postgresMajor: '17', contains: 'RabbitMQ 4.0, PostgreSQL 17' },
};

export const [preferredSuite, fallbackSuite] = Object.keys(suites);
