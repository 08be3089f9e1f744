import { mount } from 'svelte';
import App from './App.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/controls.css';
import './styles/native-controls.css';
import './styles/content.css';
import './styles/overlays.css';
import './styles/screens.css';
import './styles/narrow.css';

const target = document.getElementById('root');
if (!target) throw new Error('index.html has no #root');

export default mount(App, { target });
