export { type BandData, type BandFrame, bandPicture } from './band.policy.js';
export { Chart } from './chart-input.js';
export { pictureOf } from './chart.policy.js';
export { type Drawing, type Picture } from './frame.policy.js';
export { Painter, sharedPainter } from './painter.js';
export { chartProblem, type ChartProblem, type Column, type Json, type Table } from './table.policy.js';
