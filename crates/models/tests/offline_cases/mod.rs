mod answer;
mod hostile;
mod pace;
mod retrieval;
mod tool;
