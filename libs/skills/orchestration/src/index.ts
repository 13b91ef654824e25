export * from './orchestration.skill.js';
