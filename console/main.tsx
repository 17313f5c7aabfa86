import { render } from 'preact';
import { App } from './app.js';
import './style.css';

const place = document.getElementById('console');
if (place) render(<App />, place);
