/**
 * Fills the views in with what they are given. A view names what it takes, and asks `locals.…` for what may be missing; a
 * name that it is not given otherwise is a ReferenceError that says the view and the line.
 *
 * A view is compiled for each set of names that it is given, which are its constants then. By itself ejs looks a name up
 * wherever it stands (`with`), and copies all that is given at each `include`: two thirds of what a page cost.
 */
import { globSync, readFileSync } from 'node:fs';
import ejs from 'ejs';

type Locals = Record<string, unknown>;
/** `words`: what may be a name in it. `compiled`: by the names that are given. */
type Template = { file: string; text: string; words: string[]; compiled: Map<string, ejs.TemplateFunction> };

/**
 * Reads all views at once, but those of `mail/`: an upgrade that replaces files under a running server does not mix versions.
 * Each is compiled when it is first shown, because nobody need wait for the views of rooms that nobody enters.
 * @param root a folder, with a slash at its end
 * @returns fills a view in, named without `.ejs`; @throws TypeError for an unknown one, and what the view throws
 */
export function readTemplates(root: string): (view: string, locals: Locals) => string {
  const templates = new Map<string, Template>();
  for (const view of globSync('**/*.ejs', { cwd: root, exclude: ['mail/**'] })) {
    const file = `${root}${view}`;
    const text = readFileSync(file, 'utf8');
    templates.set(view.replace(/\.ejs$/, ''), { file, text, words: wordsOf(text), compiled: new Map() });
  }
  return function fill(view, locals) {
    const template = templates.get(view);
    if (template === undefined) throw new TypeError(`no view is called ${view}`);
    const include = (path: string, more?: Locals) => fill(path.replace(/^\//, ''), { ...locals, ...more });
    const all: Locals = { ...locals, include };
    const given = template.words.filter((word) => Object.hasOwn(all, word));
    return compiled(template, given)(all);
  };
}

// biome-ignore format: a list of words
const reserved = new Set([
  'break', 'case', 'catch', 'class', 'const', 'continue', 'default', 'delete', 'do', 'else', 'false', 'finally', 'for',
  'function', 'if', 'in', 'instanceof', 'let', 'new', 'null', 'return', 'switch', 'this', 'throw', 'true', 'try', 'typeof',
  'undefined', 'var', 'void', 'while', 'yield',
]);

/** The words in the code of a view that can be names. Those that are none, as in a sentence, do no harm. */
function wordsOf(text: string): string[] {
  const code = [...text.matchAll(/<%(?!#).*?%>/gs)].map(([tag]) => tag).join(' ');
  return [...new Set(code.match(/(?<![\w$]|[^.]\.)[a-z_$][\w$]*/gi))].filter((word) => !reserved.has(word));
}

function compiled({ file, text, compiled }: Template, given: string[]): ejs.TemplateFunction {
  const names = given.join();
  const known = compiled.get(names);
  if (known !== undefined) return known;
  const options = {
    filename: file,
    strict: true,
    _with: false,
    destructuredLocals: given,
    unsafePrototypeLocals: true, // no copy: what is given was put together by us
  };
  // in a block, so that a constant of the view may be called as something that it is given
  const view: ejs.TemplateFunction = ejs.compile(`<% { %>${text}<% } %>`, options);
  compiled.set(names, view);
  return view;
}
