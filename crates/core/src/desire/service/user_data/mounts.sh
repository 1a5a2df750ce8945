
helper=$root/sbin/mount.efs
[ -x "$helper" ] || add_package amazon-efs-utils || say "mounting without amazon-efs-utils, so without TLS"
[ -x "$helper" ] || [ -x "$root/sbin/mount.nfs4" ] || add_package nfs-utils || add_package nfs-common ||
  add_package nfs-client || say "cannot find mount.nfs4"
# <file system> <access point> <path> <mode> <host>
mount_efs() {
  path=$3
  if [ -x "$helper" ]; then
    type=efs source=$1:/ options=tls${2:+,accesspoint=$2},$4,_netdev
  elif [ -n "$2" ]; then give_up "mount $path by an access point: there is no amazon-efs-utils"
  else
    type=nfs4 source=$1.$5:/
    options=nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,$4,_netdev
  fi
  mkdir -p "$root$path"
  fstab=$root/etc/fstab
  touch "$fstab"
  awk -v path="$path" '$2 != path' "$fstab" >"$fstab.new"
  echo "$source $path $type $options,nofail 0 0" >>"$fstab.new"
  cat "$fstab.new" >"$fstab"
  rm "$fstab.new"
  # An image of an instance that had it mounts it by itself, or what was there then.
  ! mountpoint -q "$root$path" || umount "$root$path" || give_up "unmount $path"
  persist mount -t "$type" -o "$options" "$source" "$root$path" || give_up "mount $source on $path"
}
