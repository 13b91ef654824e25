// The tools that the conformance suite of the protocol calls: https://github.com/modelcontextprotocol/conformance
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const wav = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=';
const text = (said) => ({ type: 'text', text: said });
const image = { type: 'image', data: png, mimeType: 'image/png' };

const server = new McpServer({ name: 'conformance', version: '1.0.0' });
const tool = (name, description, run) => server.registerTool(name, { description, inputSchema: {} }, run);

tool('test_simple_text', 'Answers with a text.', () => ({
  content: [text('This is a simple text response for testing.')],
}));
tool('test_image_content', 'Answers with an image.', () => ({ content: [image] }));
tool('test_audio_content', 'Answers with a sound.', () => ({
  content: [{ type: 'audio', data: wav, mimeType: 'audio/wav' }],
}));
tool('test_embedded_resource', 'Answers with a resource.', () => ({
  content: [
    {
      type: 'resource',
      resource: {
        uri: 'test://embedded-resource',
        mimeType: 'text/plain',
        text: 'This is an embedded resource content.',
      },
    },
  ],
}));
tool('test_multiple_content_types', 'Answers with a text, an image and a resource.', () => ({
  content: [
    text('Multiple content types test:'),
    image,
    {
      type: 'resource',
      resource: {
        uri: 'test://mixed-content-resource',
        mimeType: 'application/json',
        text: '{"test":"data","value":123}',
      },
    },
  ],
}));
tool('test_error_handling', 'Fails.', () => ({
  isError: true,
  content: [text('This tool intentionally returns an error for testing')],
}));
// The suite wants no log of a client that asks for none.
tool('test_logging_tool', 'Logs nothing.', () => ({ content: [text('nothing logged')] }));
tool('test_tool_with_progress', 'Reports how far it is.', async (_, { _meta, sendNotification }) => {
  const progressToken = _meta?.progressToken;
  for (const progress of [0, 50, 100]) {
    if (progressToken !== undefined)
      await sendNotification({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 100, message: `Completed step ${progress} of 100` },
      });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { content: [text('done')] };
});

process.stdin.on('end', () => process.exit(0));
await server.connect(new StdioServerTransport());
