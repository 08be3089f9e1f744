import { describe, expect, it } from 'vitest';
import { readViews, withView, type SavedView } from '../screens/applications/saved-views';

const kept: SavedView['kept'] = {
  text: 'ord',
  filter: 'expiring',
  sort: 'expiry',
  configurationId: '',
  label: 'ci',
  unusedDays: 30,
  tokenLive: true,
};

describe('saved views', () => {
  it('are read as they were kept', () => {
    const all = withView([], ' soon ', kept);
    expect(readViews(JSON.stringify(all))).toEqual([{ name: 'soon', kept }]);
  });

  it('replace the one of the same name', () => {
    const all = withView(withView([], 'soon', kept), 'soon', { ...kept, text: '' });
    expect(all).toEqual([{ name: 'soon', kept: { ...kept, text: '' } }]);
    expect(withView(all, '  ', kept)).toEqual(all);
  });

  it('outlive a damaged or a newer text', () => {
    expect(readViews('{')).toEqual([]);
    expect(readViews('{"a":1}')).toEqual([]);
    const newer = JSON.stringify([{ name: 'a', kept: { filter: 'new', sort: 'new', text: 7 } }, { name: '' }, null]);
    expect(readViews(newer)).toEqual([
      {
        name: 'a',
        kept: {
          text: '',
          filter: 'all',
          sort: 'recently_used',
          configurationId: '',
          label: '',
          unusedDays: 0,
          tokenLive: false,
        },
      },
    ]);
  });
});
