// What JavaScript runtime 2.0 of CloudFront Functions takes, as rules of ESLint: ES 5.1, and of ES 6 to 12
// what AWS lists. What the list does not name is refused here, since Node.js would run it and CloudFront may
// not: functions with `?.` or destructuring were published without complaint and then failed on every request.
//
// Source: "JavaScript runtime 2.0 features for CloudFront Functions", Amazon CloudFront Developer Guide.

const names = (text) => text.trim().split(/\s+/);

const GLOBALS = names(`
  Array ArrayBuffer Boolean Buffer DataView Date Error EvalError Float32Array Float64Array Infinity Int16Array
  Int32Array Int8Array InternalError JSON Math NaN Number Object Promise RangeError ReferenceError RegExp String
  Symbol SyntaxError TextDecoder TextEncoder TypeError URIError Uint16Array Uint32Array Uint8Array
  Uint8ClampedArray atob btoa console decodeURI decodeURIComponent encodeURI encodeURIComponent globalThis
  isFinite isNaN parseFloat parseInt require undefined
`);

// ESLint knows these by the version of the language; AWS lists none of them.
const MISSING_GLOBALS = names(`
  AggregateError Atomics BigInt BigInt64Array BigUint64Array FinalizationRegistry Function Map Proxy Reflect Set
  SharedArrayBuffer WeakMap WeakRef WeakSet escape eval unescape
`);

// Methods by name, whatever they are called on; those of Math, Date, Buffer and DataView are not looked at.
const METHODS = names(`
  all allSettled any apply assign bind call catch charAt charCodeAt codePointAt concat copyWithin create decode
  defineProperties defineProperty digest encode encodeInto endsWith entries every exec fill filter finally find
  findIndex for forEach freeze from fromCharCode fromCodePoint getOwnPropertyDescriptor getOwnPropertyDescriptors
  getOwnPropertyNames getPrototypeOf hasOwnProperty includes indexOf is isArray isExtensible isFinite isFrozen
  isInteger isNaN isPrototypeOf isSafeInteger isSealed isView join keyfor keys lastIndexOf log map match of padEnd
  padStart parse parseFloat parseInt pop preventExtensions propertyIsEnumerable push race reduce reduceRight reject
  repeat replace replaceAll resolve reverse seal search set setPrototypeOf shift slice some sort splice split
  startsWith stringify subarray substr substring test then toExponential toFixed toLowerCase toPrecision toString
  toUpperCase trim trimEnd trimStart unshift update createHash createHmac valueOf values
`);
const OPEN_OBJECTS = names('Math Date Buffer DataView querystring');

const refuse = (what, ...selectors) =>
  selectors.map((selector) => ({ selector, message: `${what}: not listed for CloudFront's runtime 2.0.` }));

const SYNTAX = [
  ...refuse('Classes', 'ClassDeclaration', 'ClassExpression'),
  ...refuse('Destructuring', 'ObjectPattern', 'ArrayPattern'),
  ...refuse('Spread', 'SpreadElement'),
  ...refuse('Default parameters', 'AssignmentPattern'),
  ...refuse('for…of', 'ForOfStatement'),
  ...refuse('Optional chaining', 'ChainExpression'),
  ...refuse('The operator ??', "LogicalExpression[operator='??']"),
  ...refuse('Logical assignment', 'AssignmentExpression[operator=/^(&&|\\|\\||\\?\\?)=$/]'),
  ...refuse('Generators', ':function[generator=true]'),
  ...refuse('Tagged templates', 'TaggedTemplateExpression'),
  ...refuse('Shorthand properties and methods', 'Property[shorthand=true]', 'Property[method=true]'),
  ...refuse('Computed properties', 'Property[computed=true]'),
  ...refuse('catch without a binding', 'CatchClause[param=null]'),
  ...refuse('Async functions within others', ':function :function[async=true]', 'ArrowFunctionExpression[async=true]'),
  ...refuse('new.target and import.meta', 'MetaProperty'),
  ...refuse('BigInt', 'Literal[bigint]'),
  ...refuse('Flags of regular expressions beyond g, i, m and y', 'Literal[regex.flags=/[^gimy]/]'),
  ...refuse('Lookbehind', 'Literal[regex.pattern=/\\(\\?<[=!]/]'),
  ...refuse('Exports', 'ExportNamedDeclaration', 'ExportDefaultDeclaration', 'ExportAllDeclaration'),
  ...refuse('import()', 'ImportExpression'),
  ...refuse("Imports other than `import cf from 'cloudfront'`", "ImportDeclaration[source.value!='cloudfront']"),
  ...refuse(
    'Modules other than buffer, crypto and querystring',
    "CallExpression[callee.name='require'][arguments.0.value!=/^(buffer|crypto|querystring)$/]",
  ),
  ...refuse(
    'This method',
    `CallExpression[callee.type='MemberExpression'][callee.computed=false][callee.object.name!=/^(${OPEN_OBJECTS.join('|')})$/]` +
      `[callee.property.name!=/^(${METHODS.join('|')})$/]`,
    "CallExpression[callee.object.name='Array'][callee.property.name='from']",
  ),
];

export const cloudfrontRuntime = {
  // As a module it is strict, as CloudFront runs it; the only import that there could be is AWS's own.
  languageOptions: {
    ecmaVersion: 2021,
    sourceType: 'module',
    globals: Object.fromEntries(GLOBALS.map((name) => [name, 'readonly'])),
  },
  rules: {
    'no-restricted-syntax': ['error', ...SYNTAX],
    'no-restricted-globals': ['error', ...MISSING_GLOBALS],
    'no-undef': ['error', { typeof: true }],
    // CloudFront looks for a function of this name.
    'no-unused-vars': ['error', { varsIgnorePattern: '^handler$' }],
  },
};
