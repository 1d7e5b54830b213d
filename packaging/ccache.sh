# Sourced, at the top of the tree: what makes ccache know the objects of build/check again in
# the packages' builds, which have another HOME and another folder.
if command -v ccache >/dev/null; then
  CCACHE_DIR=${CCACHE_DIR:-$(ccache --get-config cache_dir)}
  export CCACHE_DIR CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi
