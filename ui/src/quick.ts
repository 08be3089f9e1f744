import { mount } from 'svelte';
import QuickAccess from './screens/quick/QuickAccess.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/native-controls.css';
import './styles/content.css';

const target = document.getElementById('root');
if (!target) throw new Error('quick.html has no #root');

export default mount(QuickAccess, { target });
