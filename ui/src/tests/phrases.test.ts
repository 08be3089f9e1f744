// @vitest-environment happy-dom
import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { breakAtPhrases } from '$lib/phrases/page';
import { BREAK, phrases, withBreaks, without } from '$lib/phrases/phrases';

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(texts) : [];
}

const messages = readdirSync('messages/ja').flatMap((file) =>
  texts(JSON.parse(readFileSync(`messages/ja/${file}`, 'utf8'))),
);

describe('the phrases of a Japanese text', () => {
  it.each([
    ['アクセストークンをコピーしました', 'アクセストークンを|コピーしました'],
    ['元に戻せません。', '元に|戻せません。'],
    ['DCRブリッジを使用中', 'DCRブリッジを|使用中'],
    ['有効なアクセストークン3件は、期限まで使えます。', '有効な|アクセストークン3件は、|期限まで|使えます。'],
    ['検証に合格しました（11件中1件に警告）', '検証に|合格しました|（11件中1件に|警告）'],
    ['client_secret_basicを使います。', 'client_secret_basicを|使います。'],
  ])('are those of a reader: %s', (text, wanted) => {
    expect(phrases(text).join('|')).toBe(wanted);
  });

  it('are together the text', () => {
    expect(messages.filter((text) => phrases(text).join('') !== text)).toEqual([]);
  });

  it('leave no last line under three letters', () => {
    const short = messages.filter((text) => phrases(text).length > 1 && (phrases(text).at(-1) ?? '').length < 3);
    expect(short).toEqual([]);
  });

  it('begin with no closing mark and no small letter', () => {
    const bad = messages.filter((text) =>
      phrases(text)
        .slice(1)
        .some((phrase) => /^[、。）」』・ーっゃゅょッャュョ]/.test(phrase)),
    );
    expect(bad).toEqual([]);
  });

  it('are marked once, however often', () => {
    const once = withBreaks('元に戻せません。');
    expect(withBreaks(once)).toBe(once);
    expect(without(once)).toBe('元に戻せません。');
  });

  it.each([
    ['クライアント設定エンドポイント', ['クライアント設定', 'エンドポイント']],
    ['クライアントシークレット', ['クライアント', 'シークレット']],
    ['アクセストークン', ['アクセストークン']],
  ])('are the words of a compound that fits no column: %s', (text, words) => {
    expect(phrases(text)).toEqual(words);
  });

  it('are not looked for without Japanese letters', () => {
    expect(withBreaks('Nothing to do.')).toBe('Nothing to do.');
  });
});

describe('a Japanese page', () => {
  let end = (): void => undefined;
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

  function page(html: string): HTMLElement {
    document.body.innerHTML = html;
    end = breakAtPhrases(document.body);
    return document.body;
  }

  afterEach(() => {
    end();
    document.body.innerHTML = '';
  });

  it('breaks at phrases', () => {
    expect(page('<p>元に戻せません。</p>').textContent).toBe(`元に${BREAK}戻せません。`);
  });

  it('breaks at phrases in what comes later', async () => {
    const body = page('<p> </p>');
    const line = body.querySelector('p')?.firstChild;
    if (line) line.nodeValue = '元に戻せません。';
    body.insertAdjacentHTML('beforeend', '<div><span>元に戻せません。</span></div>');
    await settled();
    expect(body.textContent).toBe(`元に${BREAK}戻せません。`.repeat(2));
  });

  it.each(['code', 'pre', 'textarea', 'option', 'svg'])('leaves %s alone', (tag) => {
    expect(page(`<${tag}>元に戻せません。</${tag}>`).textContent).toBe('元に戻せません。');
  });

  it('leaves buttons, values and hidden texts alone', () => {
    const body = page(
      '<b class="btn">元に戻せません。</b><b class="mono">元に戻せません。</b><b class="sr">元に戻せません。</b>',
    );
    expect(body.textContent).not.toContain(BREAK);
  });

  it('leaves names, titles and placeholders alone', () => {
    const names = 'aria-label="元に戻せません。" title="元に戻せません。" placeholder="元に戻せません。"';
    expect(page(`<input ${names}>`).innerHTML).not.toContain(BREAK);
  });
});
