import { artifactHeaders } from './artifacts.controller.js';

const headers = (name: string, mediaType: string): Record<string, string> => artifactHeaders({ name, mediaType });

describe('the headers of an artifact', () => {
  it('show pictures', () => {
    expect(headers('chart.png', 'image/png')['content-disposition']).toBe('inline');
    expect(headers('chart.svg', 'image/svg+xml')['content-disposition']).toBe('inline');
  });

  it('let an SVG neither load nor run anything', () => {
    expect(headers('chart.svg', 'image/svg+xml')['content-security-policy']).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    );
    expect(headers('chart.png', 'image/png')).not.toHaveProperty('content-security-policy');
  });

  it.each(['text/html', 'application/json', 'image/svg+xml;charset=utf-8', 'application/xhtml+xml'])(
    'have %s saved, not shown',
    (mediaType) => {
      expect(headers('a', mediaType)['content-disposition']).toBe("attachment; filename*=UTF-8''a");
    },
  );

  it('carry any name', () => {
    expect(headers('a"b\r\n(ü)*.csv', 'text/csv')['content-disposition']).toBe(
      "attachment; filename*=UTF-8''a%22b%0D%0A%28%C3%BC%29%2a.csv",
    );
  });
});
