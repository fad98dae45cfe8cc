/** Prints, after a run, which peer has shown what: passed tests by peer and feature, and every reason for a skip. */
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { FEATURES, type Feature } from './matrix.js';

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const NOTHING = '·';

export default class MatrixReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = new Map<string, Map<Feature, Count>>();
    const reasons = new Map<string, string[]>();
    for (const module of modules) {
      for (const testCase of module.children.allTests()) count(testCase, rows, reasons);
    }
    if (rows.size === 0) return;
    console.log(`\n${table(rows)}`);
    if (reasons.size === 0) return;
    console.log('\nSkipped:');
    for (const [reason, titles] of reasons) console.log(`  ${reason}\n    ${titles.join('\n    ')}`);
  }
}

function count(
  testCase: TestCase,
  rows: Map<string, Map<Feature, Count>>,
  reasons: Map<string, string[]>,
): void {
  const cell = testCase.meta().interop;
  if (!cell) return;
  const result = testCase.result();
  const name = `${cell.peer} ${cell.role} ${(cell.version ?? 'TLSv1.3').replace('TLSv', '').replace(/^1$/, '1.0')}`;
  const row = rows.get(name) ?? new Map<Feature, Count>();
  rows.set(name, row);
  const cellCount = row.get(cell.feature) ?? { passed: 0, failed: 0, skipped: 0 };
  row.set(cell.feature, cellCount);
  if (result.state === 'passed') cellCount.passed++;
  else if (result.state === 'failed') cellCount.failed++;
  else cellCount.skipped++;
  if (result.state !== 'skipped') return;
  const reason = result.note ?? 'no reason given';
  reasons.set(reason, [...(reasons.get(reason) ?? []), testCase.name]);
}

function table(rows: ReadonlyMap<string, ReadonlyMap<Feature, Count>>): string {
  const names = [...rows.keys()].sort();
  const lines = [
    ['peer', ...FEATURES],
    ...names.map((name) => [name, ...FEATURES.map((f) => text(rows.get(name)?.get(f)))]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function text(count: Count | undefined): string {
  if (!count) return NOTHING;
  if (count.failed > 0) return `FAIL ${count.failed}`;
  return count.passed > 0 ? `ok ${count.passed}` : 'skip';
}
