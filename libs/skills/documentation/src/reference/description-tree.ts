// Steps on the trees of a description, without recursion: how deep they are is up to whoever wrote it.

interface TreeNode {
  type: string;
  tagName?: string;
  depth?: number;
  url?: string;
  alt?: string | null;
  title?: string | null;
  value?: string;
  properties?: Record<string, unknown>;
  children?: TreeNode[];
}

const visit = (root: TreeNode, step: (node: TreeNode) => void): void => {
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    step(node);
    open.push(...(node.children ?? []));
  }
};

const text = (value: string): TreeNode => ({ type: 'text', value });

const isWeb = (link: unknown): boolean => typeof link === 'string' && /^(?:https?:\/\/|mailto:)/i.test(link);

// A picture would be asked for from its server whenever the page is read: a link says where it is.
const pictureLink = (node: TreeNode): void => {
  const { src, alt } = node.properties ?? {};
  node.tagName = 'a';
  node.properties = { href: src };
  node.children = [text(typeof alt === 'string' && alt !== '' ? alt : 'Picture')];
};

const headings = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6']);

/** HTML (hast): pictures become links, headings go below those of the page, links that lead nowhere become text. */
export const keepToReading = () => (tree: unknown) => {
  visit(tree as TreeNode, (node) => {
    if (node.type !== 'element') return;
    if (node.tagName === 'img') pictureLink(node);
    if (headings.has(node.tagName ?? '')) node.tagName = 'h6';
    if (node.tagName === 'a' && !isWeb(node.properties?.['href'])) node.tagName = 'span';
  });
};

/** Markdown (mdast): HTML becomes text, pictures become links, headings the lowest, links that lead nowhere their text. */
export const withoutHtml = () => (tree: unknown) => {
  visit(tree as TreeNode, (node) => {
    if (node.type === 'html') node.type = 'text';
    if (node.type === 'heading') node.depth = 6;
    if (node.type === 'image') {
      node.type = 'link';
      node.children = [text(node.alt === undefined || node.alt === null || node.alt === '' ? 'Picture' : node.alt)];
    }
    if (node.type === 'link' && !isWeb(node.url)) {
      node.type = 'emphasis';
    }
    if (node.type === 'definition' && !isWeb(node.url)) node.url = '#';
  });
};
