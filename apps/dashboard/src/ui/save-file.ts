const unsafe = /[^\w.-]+/g;

/** Saves a file that the page has made, as a download. */
export const saveFile = (name: string, content: Blob): void => {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name.trim().replaceAll(unsafe, '-');
  link.click();
  // The browser has taken it by then.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
};

/** Twice as fine as the SVG, for documents. */
const pngScale = 2;

/** Saves a drawing as PNG, drawn by the browser. @param svg that refers to nothing outside itself */
export const savePng = async (name: string, svg: string): Promise<void> => {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width * pngScale, image.height * pngScale);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    saveFile(name, await canvas.convertToBlob({ type: 'image/png' }));
  } finally {
    URL.revokeObjectURL(url);
  }
};
