import { render } from 'preact';
import { App } from './app.tsx';
import { connect } from './live.ts';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/controls.css';
import './style/tables.css';
import './style/charts.css';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
connect();
