import { BREAK, JAPANESE, withBreaks, without } from './phrases';

/**
 * Where a text does not wrap, or is a value: code, drawings, what the user edits, buttons, and what only a screen
 * reader reads. Attributes (names, titles, placeholders) are never touched.
 */
const LEFT_ALONE = 'script, style, code, pre, svg, textarea, option, .btn, .mono, .sr';

function mark(node: Node): void {
  const text = node.nodeValue;
  if (text === null || !JAPANESE.test(text) || node.parentElement?.closest(LEFT_ALONE)) return;
  const marked = withBreaks(text);
  // The observer sees this change as well, and then has nothing to do.
  if (marked !== text) node.nodeValue = marked;
}

function markAll(node: Node): void {
  if (node.nodeType === Node.TEXT_NODE) mark(node);
  else for (const child of node.childNodes) markAll(child);
}

/** What is copied from the page is the text that is read, without the places to break. */
function cleanCopy(event: ClipboardEvent): void {
  const text = document.getSelection()?.toString();
  if (!text?.includes(BREAK) || !event.clipboardData) return;
  event.clipboardData.setData('text/plain', without(text));
  event.preventDefault();
}

/**
 * Lets the Japanese lines of the page break between phrases only, together with `word-break: keep-all` in the styles;
 * WebKit has no `word-break: auto-phrase`. Messages of the core and of the window are treated alike. Returns what
 * ends it.
 */
export function breakAtPhrases(root: HTMLElement): () => void {
  const observer = new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'characterData') mark(target);
      else for (const node of addedNodes) markAll(node);
    }
  });
  observer.observe(root, { subtree: true, childList: true, characterData: true });
  document.addEventListener('copy', cleanCopy);
  markAll(root);
  return () => {
    observer.disconnect();
    document.removeEventListener('copy', cleanCopy);
  };
}
